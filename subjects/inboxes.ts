import { SUBJECTS } from './subjects.ts'

/** Where answers go. */

const PRIVATE_INBOXES = '_INBOX_OF'
/** Inboxes of whoever has a user of its own. */
export const INBOX_OF_ANYBODY = PRIVATE_INBOXES
/** Where the server itself listens for answers to what came from another account. */
export const INBOX_OF_ACCOUNTS = '_R_'
/** The prefix that all clients use unless they are told another. */
export const INBOX_WITHOUT_USER = '_INBOX'

/** What inboxes of this user begin with: only it may listen there. */
export function inboxPrefixOf(user: string): string {
  return `${PRIVATE_INBOXES}.${user}`
}

/** Whose inbox it is, where it is one that a single user listens on. */
export function userOfInbox(subject: string): string | undefined {
  const [root, user, rest] = subject.split('.', 3)
  return root === PRIVATE_INBOXES && rest !== undefined ? user || undefined : undefined
}

/** What subjects of our own begin with, which mean something to somebody: streams and services. */
const MEANT = new Set(
  Object.values(SUBJECTS).flatMap((subject) => (typeof subject === 'string' ? [rootOf(subject)] : [])),
)
for (const root of ['murmur', 'monitors', 'detections', 'tracks']) MEANT.add(root)

/**
 * Whether an answer may be sent to a subject. Whoever asks chooses it, and the answer is published with the rights of whoever
 * gives it: so nobody may have answers sent where they would be taken for something else.
 */
export function takesAnswers(subject: string): boolean {
  const root = rootOf(subject)
  return !MEANT.has(root) && !root.startsWith('$')
}

function rootOf(subject: string): string {
  return subject.split('.', 1)[0]!
}
