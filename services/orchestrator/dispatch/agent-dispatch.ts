import { type AgentPolicy, DEFAULT_POLICY } from './agent-policy.ts'
import { Breaker, type BreakerSnapshot, type BreakerState, type CallEnd } from './breaker.ts'
import { StrategyTurns } from './create-strategy.ts'
import { explainChoice } from './explain-choice.ts'
import { type Charge, FairQueue, type IsOpen } from './fair-queue.ts'
import { InstanceDirectory } from './instance-directory.ts'
import { FadingPeak, MovingAverage, MovingRate } from './moving-rate.ts'
import { NO_LIMITS, type QueueLimits, shareOfLimits, slotsOfOneTenant } from './queue-limits.ts'
import type { Placeable, QueuedStep, SentStep, StepEnd } from './queued-step.ts'
import { sendWindow } from './send-window.ts'
import { type Candidates, type Choice, candidatesFor, explainNobody, withoutNames } from './strategy.ts'
import { VersionShares } from './version-shares.ts'

export type { Placeable, QueuedStep, SentStep, StepEnd } from './queued-step.ts'

export interface AgentDispatchDeps {
  agent: string
  /** `instance`: undefined for the breaker of the whole type. */
  onTransition: (instance: string | undefined, state: BreakerState, because: string) => void
}

/** What a step is expected to take before anything is known. Milliseconds. */
const UNKNOWN_SERVICE_MS = 100
/** Until the instances have been heard of a tenant of several has so many steps out: a heartbeat comes every second. */
const UNHEARD_TENANT_STEPS = 4
/** Who has not been heard of after so long sends no heartbeats. Milliseconds. */
const UNHEARD_MS = 3000
/** Steps whose turn has come and that find nobody: beyond that nothing more is looked at. */
const MAX_UNPLACED = 256
/** What follows from heartbeats alone is looked up again after so long. Milliseconds. */
const ANSWER_HOLDS_MS = 50
/** That several had work counts for so long. Milliseconds. */
const SEVERAL_REMEMBERED_MS = 60_000
const isGone = ({ isGone }: QueuedStep) => isGone
const ANY: Choice = { to: 'any', because: 'whichever instance is free first takes it' }

/**
 * All that is decided of one agent type: what waits, in which order, who gets it, and how much is out. Pure but for its memory; time
 * comes in, of one monotonic clock.
 */
export class AgentDispatch<Step extends QueuedStep> {
  readonly instances: InstanceDirectory
  readonly #deps: AgentDispatchDeps
  readonly #queue = new FairQueue<Step>()
  readonly #rate = new MovingRate()
  readonly #service = new MovingAverage()
  readonly #lag = new FadingPeak()
  /** Their turn has come, and nobody can take them. */
  #unplaced: Charge<Step>[] = []
  #policy: AgentPolicy = DEFAULT_POLICY
  #orchestrators = 1
  readonly #strategies = new StrategyTurns()
  #versions: VersionShares | undefined
  /** What the steps of a placement ask for: while such steps wait. */
  readonly #asked = new Map<string, QueuedStep>()
  #breaker: Breaker
  #out = 0
  #anyUntilMs = 0
  #severalUntilMs = 0
  #capacity = { slots: 0, taken: 0, untilMs: 0 }
  #limits: QueueLimits = NO_LIMITS
  /** Several tenants share the instances. */
  #isShared = false
  #firstAskedMs: number | undefined

  constructor(deps: AgentDispatchDeps) {
    this.#deps = deps
    this.#breaker = this.#newBreaker()
    const onTransition: AgentDispatchDeps['onTransition'] = (...about) => {
      this.#anyUntilMs = 0
      deps.onTransition(...about)
    }
    this.instances = new InstanceDirectory({
      agent: deps.agent,
      breaker: DEFAULT_POLICY.breaker,
      onTransition,
    })
  }

  /** Steps that wait here, those among them that nobody wants any more. */
  get waiting(): number {
    return this.#queue.size + this.#unplaced.length
  }

  get out(): number {
    return this.#out
  }

  get policy(): AgentPolicy {
    return this.#policy
  }

  /**
   * @param orchestrators that share the limits
   * @param isShared tenants share the instances: each leaves some slots to the others
   */
  configure(policy: AgentPolicy, orchestrators: number, isShared = false): void {
    this.#isShared = isShared
    if (policy === this.#policy && orchestrators === this.#orchestrators) return
    if (JSON.stringify([...(policy.versions ?? [])]) !== JSON.stringify([...(this.#policy.versions ?? [])]))
      this.#versions = policy.versions && new VersionShares(policy.versions)
    const isOtherBreaker = JSON.stringify(policy.breaker) !== JSON.stringify(this.#policy.breaker)
    this.#policy = policy
    this.#orchestrators = orchestrators
    this.#limits = shareOfLimits(policy.limits, orchestrators)
    this.#queue.limits = this.#limits
    if (!isOtherBreaker) return
    this.#breaker = this.#newBreaker()
    this.instances.breaker = policy.breaker
  }

  push(step: Step): void {
    if (step.placement !== undefined) this.#asked.set(step.placement, step)
    this.#queue.push(step)
  }

  /** Sends what may go now, in order. */
  release(nowMs: number): SentStep<Step>[] {
    const sent: SentStep<Step>[] = []
    if (this.waiting === 0) {
      this.#asked.clear()
      return sent
    }
    const room = this.#window(nowMs)
    this.#leaveSlots(nowMs)
    const isOpen = this.#placements(nowMs)
    this.#queue.reopen(isOpen, isGone)
    this.#placeAgain(nowMs, room, sent)
    while (this.#out < room && this.#unplaced.length < MAX_UNPLACED && this.#breaker.admits(nowMs)) {
      const charge = this.#queue.take(nowMs, this.#service.value(UNKNOWN_SERVICE_MS), isOpen)
      if (!charge) break
      if (this.#isPassedOver(charge.entry)) this.#queue.end(charge, undefined)
      else if (!this.#place(charge, nowMs, sent)) this.#unplaced.push(charge)
    }
    return sent
  }

  /** Nobody wants it, or it is held: then whoever holds it pushes it again. */
  #isPassedOver(step: Step): boolean {
    if (step.held) step.held = 'aside'
    return step.isGone || step.held !== undefined
  }

  end(sent: SentStep<Step>, about: StepEnd, nowMs: number): void {
    const { verdict, usedMs, instance } = about
    this.#out--
    this.#queue.end(sent.charge, usedMs)
    if (usedMs !== undefined) {
      this.#service.add(usedMs)
      this.#rate.add(nowMs)
    }
    const end: CallEnd = verdict === 'void' ? { kind: 'void' } : { kind: verdict, durationMs: usedMs ?? 0 }
    this.#breaker.end(sent.typeCall, end, nowMs)
    const { choice, instanceCall } = sent
    if (choice.to === 'instance') {
      this.instances.ended(choice.instance)
      if (instanceCall) this.instances.breakerOf(choice.instance)?.end(instanceCall, end, nowMs)
      return
    }
    // Who it would be was not known when it was sent.
    const breaker = instance === undefined ? undefined : this.instances.breakerOf(instance)
    if (breaker && breaker.state !== 'open') breaker.end(breaker.begin(), end, nowMs)
  }

  /** Its instance did not take it: from now on whoever is free has it, or who was chosen instead. */
  handBack(
    sent: SentStep<Step>,
    nowMs: number,
    instead?: { choice: Choice; queue: number | undefined },
  ): void {
    if (sent.choice.to !== 'instance') return
    const { instance } = sent.choice
    this.instances.ended(instance)
    if (sent.instanceCall) this.instances.breakerOf(instance)?.end(sent.instanceCall, { kind: 'void' }, nowMs)
    sent.instanceCall = undefined
    if (instead?.choice.to === 'instance') {
      this.instances.sent(instead.choice.instance)
      Object.assign(sent, instead, {
        instanceCall: this.instances.breakerOf(instead.choice.instance)?.begin(),
      })
      return
    }
    sent.queue = undefined
    sent.choice = { to: 'any', because: `${instance} did not take it: whichever instance is free first does` }
  }

  /** How long it took until this orchestrator had heard of an event of this type. */
  lagged(lagMs: number, nowMs: number): void {
    this.#lag.add(lagMs, nowMs)
  }

  /** When something may go though nothing ends until then: a rate, a breaker. Undefined: nothing waits for time alone. */
  wakeAtMs(nowMs: number): number | undefined {
    if (this.waiting === 0) return undefined
    return this.#breaker.opensAtMs ?? this.#queue.readyAtMs(nowMs)
  }

  snapshot(nowMs: number): { breaker: BreakerSnapshot; waiting: number; out: number } {
    return { breaker: this.#breaker.snapshot(nowMs), waiting: this.waiting, out: this.#out }
  }

  /** Slots of the instances that are heard of, and what a step of theirs takes; undefined: no instance, or nothing has ended yet. */
  capacity(nowMs: number): { slots: number; serviceMs: number } | undefined {
    const { slots } = this.instances.capacity(nowMs)
    const serviceMs = this.#service.value(0)
    return slots > 0 && serviceMs > 0 ? { slots, serviceMs } : undefined
  }

  /** These instances an operator drains: they get nothing, from now on. */
  drain(instances: ReadonlySet<string>): void {
    this.instances.drained = instances
    this.#anyUntilMs = 0
  }

  resetBreakers(): void {
    this.#breaker.reset()
    this.instances.resetBreakers()
  }

  #window(nowMs: number): number {
    if (nowMs >= this.#capacity.untilMs)
      this.#capacity = { ...this.instances.capacity(nowMs), untilMs: nowMs + ANSWER_HOLDS_MS }
    const { slots, taken } = this.#capacity
    return sendWindow({
      slots,
      taken,
      out: this.#out,
      orchestrators: this.#orchestrators,
      perSecond: this.#rate.perSecond(nowMs),
      lagMs: this.#lag.value(nowMs),
      isSingleFlow: this.#isSingleFlow(nowMs),
    })
  }

  /** A tenant for which the policy says nothing else leaves slots to the others. */
  #leaveSlots(nowMs: number): void {
    if (Number.isFinite(this.#limits.tenantConcurrency)) return
    const tenantConcurrency = this.#isShared ? this.#slotsOfOneTenant(nowMs) : NO_LIMITS.tenantConcurrency
    if (tenantConcurrency === this.#queue.limits.tenantConcurrency) return
    this.#queue.limits = { ...this.#limits, tenantConcurrency }
  }

  #slotsOfOneTenant(nowMs: number): number {
    const { slots } = this.#capacity
    if (slots > 0) return slotsOfOneTenant(slots, this.#orchestrators)
    this.#firstAskedMs ??= nowMs
    return nowMs - this.#firstAskedMs < UNHEARD_MS ? UNHEARD_TENANT_STEPS : NO_LIMITS.tenantConcurrency
  }

  /** Who had work a moment ago will have some again: then it must not wait behind what was sent ahead. */
  #isSingleFlow(nowMs: number): boolean {
    if (!this.#queue.isSingleFlow) this.#severalUntilMs = nowMs + SEVERAL_REMEMBERED_MS
    return nowMs >= this.#severalUntilMs
  }

  #placeAgain(nowMs: number, room: number, sent: SentStep<Step>[]): void {
    if (this.#unplaced.length === 0) return
    this.#unplaced = this.#unplaced.filter((charge) => {
      if (this.#isPassedOver(charge.entry)) this.#queue.end(charge, undefined)
      else return this.#out >= room || !this.#breaker.admits(nowMs) || !this.#place(charge, nowMs, sent)
      return false
    })
  }

  #place(charge: Charge<Step>, nowMs: number, sent: SentStep<Step>[]): boolean {
    const step = charge.entry
    const choice = this.#choose(step, nowMs)
    if (!choice) return false
    const instanceCall =
      choice.to === 'instance' ? this.instances.breakerOf(choice.instance)?.begin() : undefined
    if (choice.to === 'instance') this.instances.sent(choice.instance)
    const queue = choice.to === 'instance' ? this.instances.get(choice.instance)?.queue : undefined
    this.#out++
    sent.push({ step, charge, choice, queue, sentAtMs: nowMs, typeCall: this.#breaker.begin(), instanceCall })
    return true
  }

  /** Which placements have an instance with room: asked of each once, though thousands of steps wait for it. */
  #placements(nowMs: number): IsOpen {
    const known = new Map<string, boolean>()
    return (placement) => {
      const found = known.get(placement)
      if (found !== undefined) return found
      const asked = this.#asked.get(placement)
      const isOpen =
        asked === undefined || candidatesFor(asked, this.instances.list(nowMs), nowMs).fit.length > 0
      known.set(placement, isOpen)
      return isOpen
    }
  }

  /** Why a step gets nobody just now, for people. */
  whyNobody(step: Pick<Step, 'requirements'>, nowMs: number): string {
    return explainNobody(step, this.instances.list(nowMs), nowMs)
  }

  /** Who gets it instead of an instance that does not take it, where not any may; undefined: nobody now, it stays where it is. */
  placeInstead(step: Placeable, nowMs: number): { choice: Choice; queue: number | undefined } | undefined {
    const choice = this.#choose(step, nowMs)
    if (!choice) return undefined
    return { choice, queue: choice.to === 'any' ? undefined : this.instances.get(choice.instance)?.queue }
  }

  #choose(step: Placeable, nowMs: number): Choice | undefined {
    const { id: key, tenant, priority, stickyKey, requirements } = step
    const versions =
      requirements?.range === undefined || requirements.range.text === '*' ? this.#versions : undefined
    const isPlain = requirements === undefined && versions === undefined && this.#policy.strategy === 'pull'
    // Thousands of steps a second have the same answer, which changes with heartbeats and breakers.
    if (isPlain && nowMs < this.#anyUntilMs) return ANY
    const all = candidatesFor(step, this.instances.list(nowMs), nowMs)
    const place = (candidates: Candidates, range = ''): Choice | undefined => {
      const unnamed = withoutNames(candidates, nowMs)
      if (unnamed === 'nobody') return undefined
      const asked = { key, tenant, priority, stickyKey, requirements }
      const choice =
        unnamed ??
        this.#strategies.of(this.#policy.strategy, step.placement ?? range).choose(asked, candidates)
      if (choice?.to !== 'instance') return choice
      return { ...choice, explanation: explainChoice(choice, candidates, step, nowMs) }
    }
    const choice = versions ? versions.choose(all, place) : place(all)
    if (isPlain && choice?.to === 'any') this.#anyUntilMs = nowMs + ANSWER_HOLDS_MS
    return choice
  }

  #newBreaker(): Breaker {
    const { agent, onTransition } = this.#deps
    return new Breaker(this.#policy.breaker, agent, (state, because) =>
      onTransition(undefined, state, because),
    )
  }
}
