import type { CliContext } from '../cli-context.ts'
import { formatBytes } from '../output/quantities.ts'
import { progressBar } from '../task-view/render-task.ts'

const REDRAW_MS = 100
/** Where nothing can be redrawn. */
const PLAIN_INTERVAL_MS = 5000

/** Shows how far a download is: a bar on a terminal, a line now and then elsewhere. */
export function showPull(name: string, { clock, terminal }: Pick<CliContext, 'clock' | 'terminal'>) {
  const intervalMs = terminal.isLive ? REDRAW_MS : PLAIN_INTERVAL_MS
  let shownMs = clock.monotonicMs()
  return (bytes: number, of: number): void => {
    const nowMs = clock.monotonicMs()
    if (nowMs - shownMs < intervalMs && bytes < of) return
    shownMs = nowMs
    const line = renderPull(name, bytes, of)
    if (terminal.isLive) terminal.drawLive([line])
    else terminal.say(`  ${line}`)
  }
}

/** `yolox-tiny  ████░░░░░░  40 %  7.7 MiB of 19 MiB`. Pure. */
export function renderPull(name: string, bytes: number, of: number): string {
  const share = bytes / of
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `${name}  ${progressBar(share)} ${percent}  ${formatBytes(bytes)} of ${formatBytes(of)}`
}
