import { useEffect, useState } from "react";

/** A value once it has stayed the same for so many milliseconds: what somebody has written. */
export function useSettled<T extends object>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setSettled(JSON.parse(key) as T);
    }, milliseconds);
    return () => {
      window.clearTimeout(timer);
    };
  }, [key, milliseconds]);
  return settled;
}
