/** Formats that are decoded; everything else is refused before a decoder sees a byte of it. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const
export type ImageFormat = (typeof IMAGE_FORMATS)[number]

/** The format by the first bytes; names and media types are claims of strangers. `svg` is known only to be refused. */
export function sniffImageFormat(bytes: Uint8Array): ImageFormat | 'svg' | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 64))
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif'
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(head.slice(0, 4))) return 'tiff'
  if (isAvif(head)) return 'avif'
  return looksLikeSvg(bytes) ? 'svg' : undefined
}

/** `ftyp` box with the brand of AV1 stills or sequences, first or among the compatible ones. */
function isAvif(head: string): boolean {
  return head.slice(4, 8) === 'ftyp' && /avif|avis/.test(head.slice(8, 48))
}

function looksLikeSvg(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 1024))
  return /^\s*<(?:\?xml|!--|!DOCTYPE\s+svg|svg)/i.test(start) && /<svg[\s>]|<!DOCTYPE\s+svg/i.test(start)
}
