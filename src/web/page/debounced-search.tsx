/** A search field that waits until the reader pauses. */

import { useEffect, useRef } from 'preact/hooks';

const PAUSE_MS = 250;

interface DebouncedSearchProps {
  readonly value: string;
  readonly onSearch: (text: string) => void;
  readonly placeholder: string;
  readonly label: string;
}

export function DebouncedSearch({ value, onSearch, placeholder, label }: DebouncedSearchProps) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <input
      type="search"
      value={value}
      placeholder={placeholder}
      aria-label={label}
      autocomplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onSearch(currentTarget.value.trim()), PAUSE_MS);
      }}
    />
  );
}
