/** Questions to the API, asked again while somebody looks. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../api-types.ts";

export interface Asked<Answer> {
  /** The last one; stays while the question is asked again. */
  answer: Answer | undefined;
  /** Why there is no newer one. */
  problem: string | undefined;
  status: number;
}

const NOTHING = { answer: undefined, problem: undefined, status: 0 };

/**
 * @param path undefined asks nothing
 * @param everyMs 0 asks once
 */
export function useAnswer<Answer>(path: string | undefined, everyMs = 0): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer> & { path: string | undefined }>({ ...NOTHING, path });
  useEffect(() => {
    if (path === undefined) return undefined;
    const stopping = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastText: string | undefined;
    const ask = async () => {
      let pauseMs = everyMs;
      try {
        const response = await fetch(path, { signal: stopping.signal });
        const text = await response.text();
        const { status } = response;
        // What is large is asked for less often: 5 MB every 25 seconds.
        pauseMs = Math.max(everyMs, text.length / 200);
        if (response.ok) {
          // Most of the time nothing is new, and nothing needs to be drawn.
          if (text !== lastText) setAsked({ answer: JSON.parse(text) as Answer, problem: undefined, status, path });
          lastText = text;
        } else {
          lastText = undefined;
          const { errors } = JSON.parse(text) as ApiError;
          setAsked((before) => ({ ...kept(before, path), problem: errors.join("; "), status }));
        }
      } catch {
        if (stopping.signal.aborted) return;
        lastText = undefined;
        setAsked((before) => ({
          ...kept(before, path),
          problem: "no answer from the server: is it still running?",
          status: 0,
        }));
      }
      if (everyMs > 0 && !stopping.signal.aborted) timer = setTimeout(again, pauseMs);
    };
    const again = () => {
      if (document.visibilityState === "visible") void ask();
      else document.addEventListener("visibilitychange", again, { once: true });
    };
    void ask();
    return () => {
      stopping.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [path, everyMs]);
  return asked.path === path ? asked : NOTHING;
}

function kept<Answer>(before: Asked<Answer> & { path: string | undefined }, path: string | undefined) {
  return before.path === path ? before : { ...NOTHING, path };
}
