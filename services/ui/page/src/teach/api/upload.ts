import { Trouble, troubleOf } from "./trouble";

/** Sends a file. By XMLHttpRequest, as `fetch` doesn't say how far an upload has come. */
export function upload(path: string, file: Blob, sent: (share: number) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/zip");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => sent(total > 0 ? loaded / total : 0);
    request.upload.onload = () => sent(1);
    request.onerror = () => reject(new Trouble("OFFLINE"));
    request.onload = () => {
      const { status, response } = request;
      if (status >= 200 && status < 300) resolve(response);
      else reject(troubleOf(status, response, request.getResponseHeader("Retry-After")));
    };
    request.send(file);
  });
}
