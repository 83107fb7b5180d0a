import sharp from 'sharp'
import t from 'tap'
import { createMemoryBlobs } from '#sdk/testing.ts'
import { readCameraData } from '../../../../../services/agents/report/ingest/image/camera-data.ts'
import { readImage } from '../../../../../services/agents/report/ingest/image/read-image.ts'

const signal = new AbortController().signal

const readWithNotes = (bytes: Uint8Array, blobs = createMemoryBlobs()) =>
  readImage(bytes, { name: 'picture', blobs, signal })

const read = async (bytes: Uint8Array, blobs = createMemoryBlobs()) =>
  (await readWithNotes(bytes, blobs)).image

t.test('metadata: a position is noticed wherever it stands', async (t) => {
  const gps = { IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' } }
  for (const format of ['webp', 'png', 'avif'] as const) {
    const bytes = await scene(64, 48).toFormat(format).withExif(gps).toBuffer()
    t.equal((await read(bytes)).hadPosition, true, format)
  }
  const { exif } = await sharp(await scene(64, 48).jpeg().withExif(gps).toBuffer()).metadata()
  const tiff = exif!.subarray('Exif__'.length)
  t.equal((await readCameraData({ exif: tiff, xmp: undefined })).hadPosition, true, 'bare TIFF')
  const xmp = '<rdf:Description exif:GPSLatitude="52,31N"/>'
  t.equal((await readCameraData({ exif: undefined, xmp })).hadPosition, true, 'XMP')
  t.strictSame(await readCameraData({ exif: tiff.subarray(0, 30), xmp: undefined }), {
    exif: {},
    hadPosition: false,
  })
})

/** Smooth shapes with a few edges: something to hash and to blur. */
function scene(width: number, height: number) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600" width="${width}" height="${height}">
    <rect width="800" height="600" fill="#204080"/><circle cx="560" cy="200" r="150" fill="#f0c030"/>
    <rect x="60" y="330" width="300" height="220" fill="#c02040"/><path d="M0 600L800 420V600Z" fill="#106030"/></svg>`
  return sharp(Buffer.from(svg))
}
