import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { CameraRule } from '#schemas/watch-rule.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import type { CameraReporter } from './camera-state.ts'
import { type ConditionNow, conditionRules, createConditionAlerts } from './condition-alerts.ts'
import { findBlindness } from './find-blindness.ts'
import type { FrameOutlet } from './frame-outlet.ts'
import { publishCameraEvent } from './publish-event.ts'
import type { SeeingWatch } from './seeing-watch.ts'

export interface SeeingReportDeps {
  bus: Pick<Bus, 'request' | 'publisher'>
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  log: Pick<AgentLog, 'warn' | 'error'>
  reporter: CameraReporter
  seeing: SeeingWatch
  outlet: Pick<FrameOutlet, 'isOpen'>
  about: { tenant: string; monitor: string; camera: string }
  /** What names the model that the monitor needs, as long as it is not known which one looks. */
  modelNeeded: string
  rules: readonly CameraRule[]
  /** Whether it is a recording that loses no frame: it waits by itself, and nobody for its events. */
  isComplete: () => boolean
}

/** Says whether what a camera shows is seen, and in time: in its state, and in events. */
export interface SeeingReport {
  /** To be called often. `hasPictures`: whether pictures come just now. */
  tick(hasPictures: boolean): void
}

/** Who is in the way may change: it is asked again. */
const ASK_INTERVAL_MS = 5000
/** As often as states are told anyway. */
const SAY_INTERVAL_MS = 1000
const BEING_ASKED = 'nothing that was seen comes back'
const NOT_SO: ConditionNow = { forMs: 0 }

export function createSeeingReport(deps: SeeingReportDeps): SeeingReport {
  const { clock, log, reporter, seeing, about } = deps
  const alerts = createConditionAlerts(conditionRules(deps.rules), about, clock)
  let asked: { atMs: number; answer: string } | undefined
  let lagging: { sinceMs: number; saidAtMs: number; reason: string } | undefined

  function blindReason(): string {
    const nowMs = clock.monotonicMs()
    if (!asked || nowMs - asked.atMs >= ASK_INTERVAL_MS) {
      const answer = asked?.answer ?? BEING_ASKED
      const mine = { atMs: nowMs, answer }
      asked = mine
      const { model = deps.modelNeeded } = reporter
      const { monitor } = about
      void findBlindness({ bus: deps.bus, monitor, model, isOutletOpen: () => deps.outlet.isOpen }).then(
        (found) => {
          mine.answer = found
        },
        (error: unknown) => log.warn({ reason: messageOf(error) }, 'why nothing comes back is not known'),
      )
    }
    return asked.answer
  }

  return {
    tick(hasPictures) {
      if (!hasPictures) return seeing.noPictures()
      const now = seeing.judge()
      const nowMs = clock.monotonicMs()
      if (now.status === 'blind') {
        const reason = blindReason()
        reporter.set('blind', reason)
        // The first answer comes within a second: an alert without a reason helps nobody.
        publish(reason === BEING_ASKED ? undefined : { reason, forMs: now.forMs })
        return
      }
      asked = undefined
      if (now.status === 'lagging') {
        // Its words change with every picture.
        if (!lagging || nowMs - lagging.saidAtMs >= SAY_INTERVAL_MS)
          lagging = { sinceMs: lagging?.sinceMs ?? nowMs, saidAtMs: nowMs, reason: now.reason }
        reporter.set('lagging', lagging.reason)
      } else {
        lagging = undefined
        reporter.set('live')
      }
      // That it sees is known once something has come back, and from then on.
      publish(now.seenAgoMs === undefined ? undefined : { forMs: now.seenAgoMs })
    },
  }

  /** @param blind undefined while it is not known why, or whether */
  function publish(blind: ConditionNow | undefined): void {
    if (deps.isComplete()) return
    const late = lagging && { reason: lagging.reason, forMs: clock.monotonicMs() - lagging.sinceMs }
    const events = alerts.due({
      ...(blind && { 'camera-blind': blind }),
      'camera-lagging': late ?? NOT_SO,
    })
    for (const event of events) publishCameraEvent(deps, event)
  }
}
