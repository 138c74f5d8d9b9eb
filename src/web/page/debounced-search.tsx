/** A search field that waits until the reader pauses. */

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

const PAUSE_MS = 250;

interface DebouncedSearchProps {
  readonly value: string;
  readonly onSearch: (text: string) => void;
  readonly placeholder: string;
  readonly label: string;
}

export function DebouncedSearch({ value, onSearch, placeholder, label }: DebouncedSearchProps) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const searched = useRef(value);
  useEffect(() => () => clearTimeout(timer.current), []);
  // What is being typed is the reader's: only another search takes its place, as by a link.
  useLayoutEffect(() => {
    if (value === searched.current) return;
    clearTimeout(timer.current);
    searched.current = value;
    field.current!.value = value;
  }, [value]);
  return (
    <input
      ref={field}
      type="search"
      defaultValue={value}
      placeholder={placeholder}
      aria-label={label}
      autocomplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          searched.current = currentTarget.value.trim();
          onSearch(searched.current);
        }, PAUSE_MS);
      }}
    />
  );
}
