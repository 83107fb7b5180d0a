import type { Alert } from '#schemas/alert.ts'
import type { CameraState } from '#schemas/camera.ts'
import { renderAlert } from '../alerts/render-alert.ts'
import type { CliContext } from '../cli-context.ts'
import type { VideoClient } from '../client/video-client.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/terminal-text.ts'
import type { TaskView } from '../task-view/task-view.ts'
import { LiveStats } from './live-stats.ts'
import { renderLive, renderLiveLine } from './render-live.ts'

export interface CameraWatch {
  /** The monitor is known: what came from it so far is shown, what came from others at the same camera is not. */
  begin(monitor: string): void
  onTask(view: TaskView): void
  end(): void
}

interface CameraDeps extends Pick<CliContext, 'clock' | 'json' | 'terminal'> {
  video: Pick<VideoClient, 'listen'>
  /** How people read when an alert was. */
  timeOf(alert: Alert): string
}

const REDRAW_MS = 200
/** Without a terminal, a line so often says where it stands. */
const PLAIN_INTERVAL_MS = 5000
/** Other monitors of the same camera may talk while ours has no id yet. */
const MAX_EARLY = 1000

/**
 * Listens to a camera and shows what happens: a block that is drawn again and again below alerts that scroll, on a terminal;
 * lines elsewhere; JSON lines (`{state}`, `{alert}`) when they are asked for. It listens from now on, so that a monitor that is
 * submitted later is heard from its first word.
 */
export async function watchCamera(camera: string, deps: CameraDeps): Promise<CameraWatch> {
  const { clock, json, terminal, video, timeOf } = deps
  const stats = new LiveStats(camera, clock.monotonicMs())
  const early: { monitor: string; show: () => void }[] = []
  let ours: string | undefined
  let model: string | undefined
  const ifOurs = (monitor: string, show: () => void) => {
    if (ours === monitor) show()
    else if (ours === undefined && early.length < MAX_EARLY) early.push({ monitor, show })
  }
  const listening = await video.listen(camera, {
    onTracks: (tracks) => ifOurs(tracks.monitor, () => stats.addTracks(tracks, clock.monotonicMs())),
    onState: (state) =>
      ifOurs(state.monitor, () => {
        stats.addState(state)
        if (json) terminal.printJson({ state })
        else if (state.model !== undefined && state.model !== model) {
          model = state.model
          terminal.log(modelLine(state, terminal.paint))
        }
      }),
    onAlert: (alert) =>
      ifOurs(alert.monitor, () => {
        stats.addAlert(alert)
        if (json) terminal.printJson({ alert })
        else terminal.log(renderAlert(alert, timeOf(alert), terminal.paint))
      }),
  })
  const show = () => {
    if (ours === undefined || json) return
    const view = stats.view(clock.monotonicMs())
    if (terminal.isLive) terminal.drawLive(renderLive(view, terminal.paint))
    else terminal.log(renderLiveLine(view, terminal.paint))
  }
  const timer = setInterval(show, terminal.isLive ? REDRAW_MS : PLAIN_INTERVAL_MS)
  return {
    begin(monitor) {
      ours = monitor
      listening.begin(monitor)
      for (const { monitor: of, show: showIt } of early.splice(0)) ifOurs(of, showIt)
      if (terminal.isLive) show()
    },
    onTask: (view) => stats.setNote(taskNote(view)),
    end() {
      clearInterval(timer)
      listening.end()
      terminal.clearLive()
    },
  }
}

/** Who looks at a camera, and what speaks against it. Pure. */
export function modelLine(
  { camera, model, modelWarning }: Pick<CameraState, 'camera' | 'model' | 'modelWarning'>,
  paint: Paint,
): string {
  const line = `Model ${paint.bold(printable(model ?? 'unknown'))} looks at ${printable(camera)}.`
  return modelWarning === undefined ? line : `${line} ${paint.yellow(`${printable(modelWarning)}.`)}`
}

/** What a monitor waits for before and after there is anything to see; undefined while it watches. Pure. */
export function taskNote({ task, progress }: TaskView): string | undefined {
  for (const step of task.plan.steps) {
    const state = task.steps[step.id]
    if (state?.status === 'backoff') {
      const { error, attempt } = state
      const why = error ? `: ${error.code}: ${error.message}` : ''
      return `attempt ${attempt} of ${step.id} failed, it is tried again${why}`
    }
    if (state?.status !== 'dispatched') continue
    if (step.id === 'summary') return 'summing up'
    // Captures tell how they are every second; from one that does not, nobody has taken the work yet.
    if (step.id === 'capture' && progress[step.id]?.attempt !== state.attempt)
      return `waiting for a free ${step.agent} agent`
  }
  return undefined
}
