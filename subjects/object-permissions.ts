import { api, BUCKET } from './jetstream-api.ts'
import type { Permission } from './permission.ts'

/** Each object by its name, each piece by its number: no message of the bucket by its place, so nothing can be listed. */
export const READ_OBJECTS: readonly Permission[] = [
  { subject: api(`DIRECT.GET.${BUCKET.stream}.${BUCKET.metaAll}`), why: 'looks an object up by its name' },
  { subject: api(`DIRECT.GET.${BUCKET.stream}.${BUCKET.pieceAll}`), why: 'reads its pieces, one by one' },
  {
    subject: api(`DIRECT.GET.${BUCKET.stream}.${BUCKET.wholeAll}`),
    why: 'reads one that other tools have put there in one piece',
  },
]
export const PUT_OBJECTS: readonly Permission[] = [
  { subject: BUCKET.pieceAll, why: 'stores the pieces of an object' },
  { subject: BUCKET.metaAll, why: 'stores what is known of it, under its name' },
]
/** Reads any message of the bucket: for those who may see all objects anyway. */
export const READ_ALL_OBJECTS: readonly Permission[] = [
  {
    subject: api(`DIRECT.GET.${BUCKET.stream}`),
    why: 'reads objects of several pieces that earlier versions and other tools have put there',
  },
  {
    subject: api(`STREAM.MSG.GET.${BUCKET.stream}`),
    why: 'asks the leader for an object that a copy does not have yet',
  },
]
/** How full the bucket is; what is in it can't be seen by it. */
export const LOOK_AT_BUCKET: Permission = {
  subject: api(`STREAM.INFO.${BUCKET.stream}`),
  why: 'looks whether a large upload has room before it is sent',
}
export const TIDY_OBJECTS: Permission = {
  subject: api(`STREAM.PURGE.${BUCKET.stream}`),
  why: 'takes objects away, and the pieces of an upload that was broken off',
}
