/** What must hold of every simulation, whatever went wrong in it. */
export const INVARIANTS = {
  'accepted-ends-once': 'every accepted task ends, in exactly one way, and tells so once',
  'ends-in-time': 'by its deadline, as pauses and compensations shift it, or 10 s after the last fault',
  'terminal-never-changes': 'a task that has ended stays as it is, and sends nothing any more',
  'nothing-unaccepted': 'nothing is there that nobody submitted and no parent started',
  'ends-as-its-steps':
    'a task is completed when all its steps are settled, and failed for a step that has failed',
  'one-result-a-run':
    'one result of a run is accepted at most, of the attempt that was out, and is its output',
  'released-by-its-runner': 'an attempt is handed back by the instance that runs it',
  'needs-come-first': 'what a step needs is settled before anything of it is sent',
  'attempts-in-policy': 'attempts count up by one, and are no more than the policy allows',
  'nothing-begins-after-the-end':
    'nothing is begun by a cancel, after the end, while paused, or beside compensations',
  'can-begin-begins': 'a step whose needs are settled does not wait, nor an item that has room',
  'due-happens': 'what is due happens within 10 s',
  'conditions-hold': 'a step runs when its condition holds, and is skipped when it does not',
  'compensations-in-order': 'what has completed is undone, the last first, one after the other, each once',
  'items-once-in-order': 'each item of a list has one outcome, which stands at its place in the output',
  'signals-once': 'a signal is delivered to one step, and nobody waits for one that is kept',
  'approvals-once': 'an approval is answered once, for the question that was asked',
  'children-end-with-parents':
    'a child that nobody waits for ends within 10 s, and a parent hears of an end within 10 s',
  'sent-once': 'an attempt is put on its queue once, poison is buried once, a wish is heard once',
  'sent-as-decided':
    'owners send what the log decides and nothing else; the same attempt is the same message',
  'nothing-is-left-unsent': 'what the log has decided and is still waited for is sent within 10 s',
  'store-is-the-fold':
    'the store has what a fold of the log from its start gives, items and open approvals too',
  'runs-add-up': 'a new owner would send what is out; runs begin, end and are called back in their order',
  'decide-never-throws': 'every event can be decided on; no task is quarantined',
} as const
export type Invariant = keyof typeof INVARIANTS

export interface Violation {
  invariant: Invariant
  message: string
}

export type Report = (invariant: Invariant, message: string) => void
