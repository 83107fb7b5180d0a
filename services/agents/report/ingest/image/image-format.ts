import { formatOfMagic } from '../magic-bytes.ts'

/** Formats that are decoded; everything else is refused before a decoder sees a byte of it. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const
export type ImageFormat = (typeof IMAGE_FORMATS)[number]

/** The format by the first bytes, names and media types are claims of strangers; undefined for what is not decoded. Pure. */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | undefined {
  const magic = formatOfMagic(bytes)
  if (magic?.family !== 'image') return undefined
  return IMAGE_FORMATS.find((format) => magic.mediaType === `image/${format}`)
}
