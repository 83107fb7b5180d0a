/** What an orchestrator knows of an agent type when it decides how much of it may be out. */
export interface WindowFacts {
  /** Slots of all its instances; 0: none is heard of. */
  slots: number
  /** Slots that are taken, as heartbeats say. */
  taken: number
  /** Steps that this orchestrator has out. */
  out: number
  /** Orchestrators that share the slots. */
  orchestrators: number
  /** Steps a second that ended of those sent from here. */
  perSecond: number
  /** From the end of a step to the moment at which this orchestrator has heard of it. Milliseconds. */
  lagMs: number
  /** Nothing but one tenant and key: there is no order that could be decided late. */
  isSingleFlow: boolean
}

/** Sent without knowing any instance: agents that send no heartbeats work too. */
const WITHOUT_HEARTBEATS = 1000
/** Steps that are out beyond those that run: a share of the slots, and what ends in the time that it takes to send the next. */
const AHEAD = 0.25
const AHEAD_MS = 50
/** Less of a step than this is none. */
const HARDLY_ONE = 0.01
const SINGLE_FLOW_AHEAD = 1
const SINGLE_FLOW_AHEAD_MS = 500

/**
 * How many steps of an agent type may be out at the same time: enough that no slot waits for us, and no more, so that what waits is
 * still to be put in order. With several orchestrators each has its part, and what the others leave free. Pure.
 */
export function sendWindow(facts: WindowFacts): number {
  const { slots, taken, out, orchestrators, perSecond, lagMs, isSingleFlow } = facts
  const usual = isSingleFlow ? SINGLE_FLOW_AHEAD : AHEAD
  const usualMs = isSingleFlow ? SINGLE_FLOW_AHEAD_MS : AHEAD_MS
  const ahead = (perSecond * (usualMs + 2 * lagMs)) / 1000
  if (slots === 0) return Math.ceil(WITHOUT_HEARTBEATS + ahead)
  const others = Math.max(0, taken - out)
  const own = Math.max(slots / orchestrators, slots - others)
  return Math.max(1, Math.ceil(own * (1 + usual) + ahead - HARDLY_ONE))
}
