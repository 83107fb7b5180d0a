import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { ReportImage } from '#schemas/report.ts'
import type { AgentContext } from '#sdk/define-agent.ts'
import type { Thumbnails } from './html/report-view.ts'

/** As many as the page shows; all together they stay well below what a mail or a browser takes. */
const MAX_IMAGES = 48
const MAX_BYTES = 300_000

/** What a browser can show and what can run nothing: SVG is missing on purpose. */
const SHOWABLE = new Set(['image/webp', 'image/png', 'image/jpeg', 'image/gif', 'image/avif'])

/** A picture that is gone or broken costs its preview and not the report. */
const BEARABLE = new Set(['BLOB_NOT_FOUND', 'BLOB_CORRUPT', 'LIMIT_EXCEEDED'])

/** Reads the previews of the images as `data:` addresses, in the order of the report. */
export async function loadThumbnails(
  images: readonly ReportImage[],
  { blobs, log, signal }: Pick<AgentContext, 'blobs' | 'log' | 'signal'>,
): Promise<Thumbnails> {
  const thumbnails = new Map<string, string>()
  for (const { thumbnail } of images.slice(0, MAX_IMAGES)) {
    signal.throwIfAborted()
    if (thumbnails.has(thumbnail.blob) || !SHOWABLE.has(thumbnail.contentType)) continue
    try {
      thumbnails.set(thumbnail.blob, await dataAddress(thumbnail, blobs))
    } catch (error) {
      if (!(error instanceof MurmurError && BEARABLE.has(error.code))) throw error
      log.warn({ blob: thumbnail.blob, reason: messageOf(error) }, 'a preview is missing from the report')
    }
  }
  return thumbnails
}

async function dataAddress(ref: BlobRef, blobs: AgentContext['blobs']): Promise<string> {
  const bytes = await blobs.get(ref, { maxBytes: MAX_BYTES })
  return `data:${ref.contentType};base64,${Buffer.from(bytes).toString('base64')}`
}
