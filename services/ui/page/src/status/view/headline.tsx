import { useEffect, useState } from "preact/hooks";
import { untaught } from "../problems";
import { healthOf, isLost, mirrorTime, type Screen, type SeenProblem } from "../screen";
import type { Voice } from "../voice";
import { whileVisible } from "../../server/visible";
import { lookOf } from "./icon";
import { Mark, Quote } from "./panel";

/** Whether all is well, and if not, what to do. */
export function Headline({ screen, voice, link }: { screen: Screen; voice: Voice; link(path: string): string }) {
  const now = useNow();
  const { strings } = voice;
  const health = healthOf(screen);
  const look = lookOf(health, screen.severity);
  const time = mirrorTime(screen, now);
  return (
    <section class="headline" data-part="headline" data-look={look} aria-labelledby="headline">
      {/* Only what changes when the mirror does: a screen reader says all of it. */}
      <div role="status" aria-live="polite">
        <p class="headline-word">
          <Mark look={look} word={strings.words[look]} />
        </p>
        <h2 id="headline">{sentence(screen, voice)}</h2>
      </div>
      <p class="headline-since">{since(screen, voice, time)}</p>
      {isLost(screen) && <p class="headline-hint">{strings.lostHint}</p>}
      {screen.problems.length > 0 && (
        <ul class="problems" data-stale={health === "unknown"}>
          {screen.problems.map((problem, index) => (
            <ProblemItem
              key={`${problem.kind}${index}`}
              problem={problem}
              // The headline says it already, unless it says something else.
              named={screen.problems.length > 1 || isLost(screen)}
              voice={voice}
              now={time}
            />
          ))}
        </ul>
      )}
      {health === "well" && screen.report && untaught(screen.report) && (
        <p class="headline-hint" data-part="untaught">
          <strong>{strings.untaught}.</strong> {strings.untaughtHint} <a href={link("/teach")}>{strings.untaughtLink}</a>
        </p>
      )}
    </section>
  );
}

function ProblemItem({ problem, named, voice, now }: { problem: SeenProblem; named: boolean; voice: Voice; now: number }) {
  const { title, hint } = voice.strings.problems[problem.kind];
  return (
    <li class="problem" data-problem={problem.kind}>
      {named && <h3>{title}</h3>}
      {named && <p class="problem-since">{sinceWhen(problem, voice, now)}</p>}
      {problem.message && <Quote>{problem.message}</Quote>}
      <p>{hint}</p>
    </li>
  );
}

function sentence(screen: Screen, { strings }: Voice): string {
  if (isLost(screen)) return strings.lost;
  if (!screen.report) return strings.asking;
  const [first, ...more] = screen.problems;
  if (!first) return strings.well;
  const { title } = strings.problems[first.kind];
  return more.length === 0 ? title : strings.andMore(title, more.length);
}

function since(screen: Screen, voice: Voice, now: number): string {
  const { strings, format } = voice;
  const { report, wellSince, problems } = screen;
  if (!report) return strings.neverHeard;
  if (isLost(screen)) {
    const heard = mirrorTime(screen, screen.heardAt);
    return strings.lastHeard(format.moment(heard, now), format.ago(heard, now));
  }
  if (wellSince !== null) return sinceWhen({ since: wellSince, noticed: true }, voice, now);
  // Of the gravest: it is the one that the headline names.
  return problems[0] ? sinceWhen(problems[0], voice, now) : "";
}

function sinceWhen({ since, noticed }: { since: number; noticed: boolean }, { strings, format }: Voice, now: number): string {
  return (noticed ? strings.sinceAtLeast : strings.since)(format.moment(since, now), format.ago(since, now));
}

/** This device's clock, each second. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(
    () =>
      whileVisible(() => {
        setNow(Date.now());
        const timer = setInterval(() => setNow(Date.now()), 1_000);
        return () => clearInterval(timer);
      }),
    [],
  );
  return now;
}
