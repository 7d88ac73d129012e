import { Trouble, troubleOf } from "./trouble";

/** The mirror is out of reach when it takes nothing more of a file for so long. */
const STALLED_MS = 30_000;

/** Sends a file. By XMLHttpRequest, as `fetch` doesn't say how far an upload has come. */
export function upload(path: string, file: Blob, sent: (share: number) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/zip");
    request.responseType = "json";
    let stalled: ReturnType<typeof setTimeout> | undefined;
    const moves = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
    };
    const fail = () => reject(new Trouble("OFFLINE"));
    request.onloadend = () => clearTimeout(stalled);
    request.upload.onprogress = ({ loaded, total }) => {
      moves();
      sent(total > 0 ? loaded / total : 0);
    };
    request.upload.onload = () => {
      // What is left is the mirror's reading, which takes as long as it takes.
      clearTimeout(stalled);
      sent(1);
    };
    request.onerror = fail;
    request.onabort = fail;
    request.onload = () => {
      const { status, response } = request;
      if (status >= 200 && status < 300) resolve(response);
      else reject(troubleOf(status, response, request.getResponseHeader("Retry-After")));
    };
    moves();
    request.send(file);
  });
}
