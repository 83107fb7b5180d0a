import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import t from 'tap'
import { imageContentSchema } from '#schemas/document.ts'
import { createMemoryBlobs } from '#sdk/testing.ts'
import { hammingDistance } from '../../../../../services/agents/report/analysis/findings/document-findings.ts'
import { readImage } from '../../../../../services/agents/report/ingest/image/read-image.ts'

const signal = new AbortController().signal

const readWithNotes = (bytes: Uint8Array, blobs = createMemoryBlobs()) =>
  readImage(bytes, { name: 'picture', blobs, signal })

const read = async (bytes: Uint8Array, blobs = createMemoryBlobs()) =>
  (await readWithNotes(bytes, blobs)).image

const raw = (grey: number) =>
  sharp({ create: { width: 20, height: 20, channels: 3, background: { r: grey, g: grey, b: grey } } })

const distance = (a: string, b: string) => hammingDistance(BigInt(`0x${a}`), BigInt(`0x${b}`))

t.test('every format is read', async (t) => {
  const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const
  for (const format of formats) {
    const image = await read(await scene(800, 600).toFormat(format).toBuffer())
    t.match(image, { format, widthPx: 800, heightPx: 600, exif: {}, hadPosition: false }, format)
    t.ok(image.brightness > 40 && image.brightness < 140, `${format} brightness`)
    t.ok(image.contrast > 20, `${format} contrast`)
    t.doesNotThrow(() => imageContentSchema.parse(image))
  }
})

t.test('metadata: camera data is kept, what identifies people is not', async (t) => {
  const jpeg = await scene(640, 480)
    .jpeg()
    .withExif({
      IFD0: { Make: 'Acme', Model: 'Eye 3', Artist: 'Jane Secret', Copyright: 'Jane Secret' },
      IFD2: {
        DateTimeOriginal: '2024:05:01 12:00:00',
        OffsetTimeOriginal: '+02:00',
        ExposureTime: '1/50',
        FNumber: '28/10',
        ISOSpeedRatings: '200',
        FocalLength: '35/1',
        LensModel: 'Acme 35mm',
        BodySerialNumber: 'SN-12345',
        UserComment: 'at home',
      },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 0/1 0/1',
      },
    })
    .toBuffer()
  const blobs = createMemoryBlobs()
  const image = await read(jpeg, blobs)
  t.strictSame(image.exif, {
    cameraMake: 'Acme',
    cameraModel: 'Eye 3',
    lens: 'Acme 35mm',
    exposureSec: 0.02,
    fNumber: 2.8,
    iso: 200,
    focalLengthMm: 35,
    takenAt: '2024-05-01T12:00:00+02:00',
  })
  t.equal(image.hadPosition, true)
  t.notMatch(JSON.stringify(image), /Jane|SN-12345|at home|GPS/)

  const thumbnail = Buffer.from(await blobs.get(image.thumbnail))
  const about = await sharp(thumbnail).metadata()
  t.match(about, { format: 'webp', width: 480, height: 360 })
  t.equal(about.exif, undefined, 'the thumbnail has no metadata')
  t.notMatch(thumbnail.toString('latin1'), /Acme|Jane/)
})

t.test('HEIC, which libvips has no decoder for', async (t) => {
  const bytes = readFileSync(new URL('../../cases/inputs/picture.heic', import.meta.url))
  const image = await read(bytes)
  t.match(image, { format: 'heic', widthPx: 160, heightPx: 120, hasAlpha: false })
  t.match(image.exif, { cameraMake: 'Acme', cameraModel: 'Eye 3' })
  // The picture was drawn with these colours by Pillow and encoded with x265.
  const blue = image.palette.find(({ hex }) => /^#(?:1f|2[0-4])(?:3f|4[0-4])(?:7f|8[0-4])$/.test(hex))
  t.ok(blue && blue.share > 0.6, `${image.palette[0]?.hex}`)
  await t.rejects(read(bytes.subarray(0, 700)), { code: 'BROKEN_FILE', message: /damaged or cut off/ })
})

t.test('what was left out is noted', async (t) => {
  const plain = scene(64, 48).jpeg()
  t.strictSame((await readWithNotes(await plain.toBuffer())).notes, [])
  const placed = await plain
    .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' } })
    .toBuffer()
  t.match((await readWithNotes(placed)).notes, [/position was left out/])
  const frames = await Promise.all([0, 90, 180].map((grey) => raw(grey).png().toBuffer()))
  const animated = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer()
  t.match(await readWithNotes(animated), { image: { heightPx: 20 }, notes: [/first of 3 frames/] })
})

t.test('size is that after rotation', async (t) => {
  const upright = await read(await scene(400, 300).jpeg().toBuffer())
  const lying = await scene(400, 300).rotate(-90).jpeg().withMetadata({ orientation: 6 }).toBuffer()
  const image = await read(lying)
  t.match(image, { widthPx: 400, heightPx: 300 })
  t.ok(distance(image.perceptualHash, upright.perceptualHash) <= 4, 'measured upright')
})

t.test('near duplicates hash alike, blur lowers sharpness', async (t) => {
  const original = await read(await scene(800, 600).png().toBuffer())
  const smaller = await read(await scene(800, 600).resize(500).jpeg({ quality: 50 }).toBuffer())
  const other = await read(await scene(800, 600).flop().flip().png().toBuffer())
  const blurred = await read(await scene(800, 600).blur(6).png().toBuffer())
  t.ok(distance(original.perceptualHash, smaller.perceptualHash) <= 6)
  t.ok(distance(original.perceptualHash, other.perceptualHash) > 12)
  t.ok(blurred.sharpness < original.sharpness / 3)
})

t.test('cut off files are broken', async (t) => {
  for (const format of ['png', 'jpeg'] as const) {
    const bytes = await scene(800, 600).toFormat(format).toBuffer()
    const cut = bytes.subarray(0, Math.floor(bytes.length / 2))
    await t.rejects(read(cut), { code: 'BROKEN_FILE', message: /^"picture" is damaged or cut off: / }, format)
    await t.rejects(read(bytes.subarray(0, 20)), { code: 'BROKEN_FILE' }, `${format}, only a head`)
  }
})

t.test('a decompression bomb is refused before it is decoded', async (t) => {
  const bomb = bombPng(20_000)
  t.ok(bomb.length < 2_000_000)
  const started = process.hrtime.bigint()
  await t.rejects(read(bomb), { code: 'LIMIT_EXCEEDED', message: /50 million pixels/ })
  t.ok(process.hrtime.bigint() - started < 1_000_000_000n, 'quickly')
})

t.test('what is no supported image is refused', async (t) => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  await t.rejects(read(svg), { code: 'UNSUPPORTED_FORMAT' }, 'no decoder sees it')
  await t.rejects(read(Buffer.from('hello')), { code: 'UNSUPPORTED_FORMAT', message: /jpeg, png/ })
  await t.rejects(read(new Uint8Array()), { code: 'UNSUPPORTED_FORMAT' })
})

t.test('an aborted signal stops it', async (t) => {
  const bytes = await scene(64, 48).png().toBuffer()
  const reading = readImage(bytes, { name: 'x', blobs: createMemoryBlobs(), signal: AbortSignal.abort() })
  await t.rejects(reading, { name: 'AbortError' })
})

/** Smooth shapes with a few edges: something to hash and to blur. */
function scene(width: number, height: number) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600" width="${width}" height="${height}">
    <rect width="800" height="600" fill="#204080"/><circle cx="560" cy="200" r="150" fill="#f0c030"/>
    <rect x="60" y="330" width="300" height="220" fill="#c02040"/><path d="M0 600L800 420V600Z" fill="#106030"/></svg>`
  return sharp(Buffer.from(svg))
}

/** A black 1-bit PNG of size × size, written by hand: no encoder would keep it all in memory. */
function bombPng(size: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const rows = Buffer.alloc((size / 8 + 1) * size)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')])
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
