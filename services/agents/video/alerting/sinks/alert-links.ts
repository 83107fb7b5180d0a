import { type LinkSigning, type SharedPart, sharedAlertPath, signedLink } from '#platform/http/signed-link.ts'
import type { Alert } from '#schemas/alert.ts'

/** Where a person finds an alert: signed, so that no credential is needed, until it expires. */
export interface AlertLinks {
  page: string
  /** The frame with what it is about; there a moment after the alert, or never where it has no frame. */
  picture?: string
}

/** Pure. */
export function alertLinks(signing: LinkSigning, { tenant, id, frame }: Alert, nowMs: number): AlertLinks {
  const link = (part: SharedPart) => signedLink(signing, sharedAlertPath(tenant, id, part), nowMs)
  return { page: link('page'), ...(frame && { picture: link('picture') }) }
}

/** Slack and PagerDuty fetch pictures from addresses with https only. Pure. */
export function shownPicture({ picture }: AlertLinks): string | undefined {
  return picture?.startsWith('https://') ? picture : undefined
}
