const LEVELS = [...'▁▂▃▄▅▆▇█']

/** Numbers as a row of bars, the last `columns` of them; the highest is full, and nothing is an empty floor. Pure. */
export function sparkline(values: readonly number[], columns: number): string {
  const shown = values.slice(-columns)
  const most = Math.max(0, ...shown)
  return shown
    .map((value) =>
      most <= 0 ? LEVELS[0] : LEVELS[Math.round((Math.max(0, value) / most) * (LEVELS.length - 1))],
    )
    .join('')
}
