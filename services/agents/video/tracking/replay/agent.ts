import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#platform/clock/clock.ts'
import type { Calling } from '#platform/nats/bus.ts'
import { LIMITS } from '#schemas/limits.ts'
import {
  MAX_REPLAYED_EVENTS,
  type RulesReplay,
  type RulesReplayInput,
  rulesReplayInputSchema,
  rulesReplaySchema,
} from '#schemas/rules-replay.ts'
import { type AgentContext, type AgentDefinition, defineAgent, done } from '#sdk/index.ts'
import { openBlock } from '../../recordings/observations/block-file.ts'
import { framesIn, type ObservedFrame } from '../../recordings/observations/frame-line.ts'
import { NEW_REPLAY, type ReplayedEvent, stepReplay } from './replay-frames.ts'

export interface ReplayDeps {
  bus: Calling
  clock: Pick<Clock, 'monotonicMs'>
}

/** Live cameras have their turn in between: the same process may track some. Milliseconds. */
const SLICE_MS = 8
const READ_TIMEOUT_MS = 10_000
const PROGRESS_INTERVAL_MS = 500

/** The agent that runs rules over what cameras have seen: what would they have raised? docs/recordings.md */
export function createReplayAgent(deps: ReplayDeps): AgentDefinition<RulesReplayInput, RulesReplay> {
  return defineAgent({
    name: 'rules-replay',
    version: '1',
    description: 'Runs the rules of a monitor over what a camera has seen in the past',
    input: rulesReplayInputSchema,
    output: rulesReplaySchema,
    limits: { concurrency: 2, timeoutMs: LIMITS.stepTimeoutMs },
    async handle(input, ctx) {
      return done(await replayRules(input, ctx, deps))
    },
  })
}

/** @throws MurmurError UNAVAILABLE when recordings can't be read, the signal's reason */
async function replayRules(
  input: RulesReplayInput,
  ctx: Pick<AgentContext, 'tenant' | 'signal' | 'progress'>,
  { bus, clock }: ReplayDeps,
): Promise<RulesReplay> {
  const startedMs = clock.monotonicMs()
  const events: ReplayedEvent[] = []
  const byRule = new Map<string, { events: number; alerts: number }>(
    input.rules.map(({ id }) => [id, { events: 0, alerts: 0 }]),
  )
  let state = NEW_REPLAY
  let sliceMs = clock.monotonicMs()
  let reportedMs = sliceMs
  for await (const frame of framesOf(input, ctx, bus)) {
    const next = stepReplay(input, ctx.tenant, state, frame)
    state = next.state
    for (const event of next.events) {
      const counts = byRule.get(event.rule.id)!
      counts.events++
      if (event.isAlert) counts.alerts++
      if (events.length < MAX_REPLAYED_EVENTS) events.push(event)
    }
    const nowMs = clock.monotonicMs()
    if (nowMs - sliceMs < SLICE_MS) continue
    if (nowMs - reportedMs > PROGRESS_INTERVAL_MS) {
      reportedMs = nowMs
      const fraction = (frame.seen.atMs - input.fromMs) / (input.toMs - input.fromMs)
      ctx.progress(Math.min(1, Math.max(0, fraction)), `${state.frames} frames, ${events.length} events`)
    }
    await setImmediate()
    ctx.signal.throwIfAborted()
    sliceMs = clock.monotonicMs()
  }
  const tookMs = clock.monotonicMs() - startedMs
  const { firstMs, lastMs, frames, late } = state
  const total = [...byRule.values()].reduce((sum, counts) => sum + counts.events, 0)
  return {
    schema: 'murmuration.rules-replay/1',
    ...{ camera: input.camera, fromMs: input.fromMs, toMs: input.toMs, frames, late },
    ...(firstMs !== undefined && { firstMs }),
    ...(lastMs !== undefined && { lastMs }),
    monitors: [...state.monitors.keys()],
    byRule: Object.fromEntries(byRule),
    events,
    isCut: total > events.length,
    tookMs: Math.round(tookMs),
    timesRealTime: Math.round(((lastMs ?? 0) - (firstMs ?? 0)) / Math.max(1, tookMs)),
  }
}

/** What was seen in the span, and in the time before it, in the order in which it came. */
async function* framesOf(
  { camera, fromMs, toMs, warmUpMs }: RulesReplayInput,
  { tenant, signal }: Pick<AgentContext, 'tenant' | 'signal'>,
  bus: Calling,
): AsyncGenerator<ObservedFrame> {
  const span = { tenant, camera, fromMs: Math.max(0, fromMs - warmUpMs), toMs }
  const read = (cursor?: string) =>
    bus.call(
      'readDetections',
      { ...span, ...(cursor !== undefined && { cursor }) },
      { timeoutMs: READ_TIMEOUT_MS },
    )
  let next: ReturnType<typeof read> | undefined = read()
  while (next) {
    const { blocks, nextCursor }: Awaited<ReturnType<typeof read>> = await next
    signal.throwIfAborted()
    // The next part comes while this one is gone through.
    next = nextCursor === undefined ? undefined : read(nextCursor)
    next?.catch(() => undefined)
    for (const block of blocks) {
      const text = await openBlock(Buffer.from(block, 'base64')).catch(() => '')
      for (const frame of framesIn(text)) if (frame.seen.atMs >= span.fromMs) yield frame
    }
  }
}
