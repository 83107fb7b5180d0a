import type { Test } from 'tap'

/** Agrees to so many digits: absolute below 1, relative above. */
export function close(t: Test, actual: number | null, expected: number, digits = 9): void {
  t.ok(
    actual !== null && Math.abs(actual - expected) <= 10 ** -digits * Math.max(1, Math.abs(expected)),
    `${actual} is ${expected}`,
  )
}
