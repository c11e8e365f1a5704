import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  query: string;
  label: string;
  problem?: string | undefined;
  onSearch: (text: string) => void;
}

const PAUSE_MS = 300;

/** A search that follows what is typed, and says what it does not understand. */
export function SearchBox({ query, label, problem, onSearch }: Props) {
  const [text, setText] = useState(query);
  const asked = useRef(query);
  const search = () => {
    asked.current = text.trim();
    onSearch(asked.current);
  };
  // Somebody who goes on typing must not be set back to what was asked before.
  useEffect(() => {
    if (query !== asked.current) setText(query);
    asked.current = query;
  }, [query]);
  useEffect(() => {
    if (text.trim() === query) return undefined;
    const timer = setTimeout(search, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, query]);
  return html`<form class="search" role="search" onSubmit=${(event: Event) => {
    event.preventDefault();
    search();
  }}>
    <label><span class="visually-hidden">${label}</span>
      <input
        type="search"
        value=${text}
        placeholder=${"Search, such as: service:api status:error duration:>100ms"}
        spellcheck=${false}
        autocomplete="off"
        aria-invalid=${problem ? "true" : undefined}
        aria-describedby=${problem ? "search-problem" : undefined}
        onInput=${(event: Event) => setText((event.target as HTMLInputElement).value)}
      />
    </label>
    ${problem && html`<p id="search-problem" class="bad" role="alert">${problem}</p>`}
  </form>`;
}
