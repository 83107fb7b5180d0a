/** What the page is watched for; lives in it as `window.probe`. */
export interface Probe {
  /** When a row of the list was first seen in a status, by the clock of the machine. Unix milliseconds. */
  readonly seen: { id: string; status: string; atMs: number }[]
  /** Times between frames since `startFrames`. Milliseconds. */
  readonly gaps: number[]
  /** Tasks of the main thread that took longer than 50 ms, since then. */
  readonly longTasks: number[]
  isCounting: boolean
  /** When something that a selector finds was there for the first time, and drawn. Milliseconds since the page was asked for. */
  readonly drawn: Record<string, number>
}

declare global {
  interface Window {
    probe: Probe
  }
}

/**
 * Put into each page before its own scripts: as text, so that it can use nothing from outside.
 * @param awaited selectors of what is to be told when it is drawn
 */
export function installProbe(awaited: readonly string[]): void {
  const probe: Probe = { seen: [], gaps: [], longTasks: [], isCounting: false, drawn: {} }
  window.probe = probe
  const known = new Map<string, string>()
  const sample = () => {
    const atMs = Date.now()
    for (const row of document.querySelectorAll<HTMLElement>('.table-row[data-key]')) {
      const id = row.dataset.key!
      const status = row.querySelector('.badge')?.textContent?.replace(/[^a-z-]/g, '') ?? ''
      if (known.get(id) === status) continue
      known.set(id, status)
      if (known.size > 5000) known.delete(known.keys().next().value!)
      if (probe.isCounting) probe.seen.push({ id, status, atMs })
    }
    for (const selector of awaited) {
      if (selector in probe.drawn || !document.querySelector(selector)) continue
      probe.drawn[selector] = Number.NaN
      // The frame after the next one: by then this one has been drawn.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          probe.drawn[selector] = performance.now()
        }),
      )
    }
  }
  new MutationObserver(sample).observe(document, { childList: true, subtree: true, characterData: true })
  let lastMs = performance.now()
  const onFrame = (nowMs: number) => {
    if (probe.isCounting) probe.gaps.push(nowMs - lastMs)
    lastMs = nowMs
    requestAnimationFrame(onFrame)
  }
  requestAnimationFrame(onFrame)
  new PerformanceObserver((list) => {
    if (probe.isCounting) for (const { duration } of list.getEntries()) probe.longTasks.push(duration)
  }).observe({ type: 'longtask' })
}
