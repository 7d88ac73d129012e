#!/bin/sh
# The test's hands in the VM: runs the shell commands that are posted and
# answers with what they print, and with their exit code in the last line.
export PATH=/bin
printf 'Content-Type: text/plain\r\n\r\n'
commands="$(head -c "$CONTENT_LENGTH")"
sh -c "$commands" 2>&1 </dev/null
printf '\n%d\n' $?
