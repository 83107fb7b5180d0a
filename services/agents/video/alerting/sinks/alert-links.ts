import { type LinkSigning, SHARED_ROOT, signedLink } from '#platform/http/signed-link.ts'
import type { Alert } from '#schemas/alert.ts'

/** Where a person finds an alert: signed, so that no credential is needed, until it expires. */
export interface AlertLinks {
  page: string
  /** The frame with what it is about; there a moment after the alert, or never where it has no frame. */
  picture?: string
}

/** Pure. */
export function alertLinks(signing: LinkSigning, { tenant, id, frame }: Alert, nowMs: number): AlertLinks {
  const path = `${SHARED_ROOT}/${encodeURIComponent(tenant)}/alerts/${encodeURIComponent(id)}`
  return {
    page: signedLink(signing, path, nowMs),
    ...(frame && { picture: signedLink(signing, `${path}/picture`, nowMs) }),
  }
}

/** Slack and PagerDuty fetch pictures from addresses with https only. Pure. */
export function shownPicture({ picture }: AlertLinks): string | undefined {
  return picture?.startsWith('https://') ? picture : undefined
}
