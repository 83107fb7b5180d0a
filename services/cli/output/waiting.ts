import type { Clock } from '#platform/clock/clock.ts'
import { formatDuration } from './quantities.ts'
import type { Terminal } from './terminal.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
/** Where nothing can be redrawn, a line every so often says that it goes on. */
const PLAIN_INTERVAL_MS = 10_000

/**
 * Waits for work and shows that it does: a spinner on a terminal, a line now and then elsewhere.
 * @param what asked for again each time, where it changes on the way
 */
export async function waitingFor<T>(
  what: string | (() => string),
  work: Promise<T>,
  { terminal, clock }: { terminal: Terminal; clock: Clock },
): Promise<T> {
  const fromMs = clock.monotonicMs()
  const text = () => (typeof what === 'string' ? what : what())
  const passed = () => formatDuration(clock.monotonicMs() - fromMs)
  let frame = 0
  const draw = () => {
    if (!terminal.isLive) return terminal.log(`  still ${text()} (${passed()})`)
    const mark = terminal.paint.cyan(FRAMES[frame++ % FRAMES.length]!)
    terminal.drawLive([`${mark} ${text()} ${terminal.paint.dim(passed())}`])
  }
  if (terminal.isLive) draw()
  const timer = setInterval(draw, terminal.isLive ? FRAME_MS : PLAIN_INTERVAL_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
    terminal.clearLive()
  }
}
