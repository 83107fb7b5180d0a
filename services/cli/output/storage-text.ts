import type { StorageLevel } from '#schemas/storage.ts'
import { formatBytes } from './quantities.ts'
import { printable } from './terminal-text.ts'

/** `log 91 % of 3.5 GiB`. Pure. */
export function fillText({ resource, share, usedBytes, limitBytes }: StorageLevel): string {
  if (limitBytes === 0) return `${printable(resource)} ${formatBytes(usedBytes)}`
  return `${printable(resource)} ${Math.round(100 * share)} % of ${formatBytes(limitBytes)}`
}

/** What being above a mark means; undefined: it is above none. Pure. */
export function markText({ mark, refuses, resource }: StorageLevel): string | undefined {
  if (mark === 0) return undefined
  const what = refuses ? 'new tasks are refused' : 'nearly full'
  if (mark === 1) return what
  if (mark === 2) return `${what}, half of the rest is used`
  return resource === 'archive'
    ? 'the oldest history goes'
    : `${what}, what accepted tasks need is nearly used up`
}
