import { crc32, deflateRawSync } from 'node:zlib'

/** A ZIP archive of these files, each deflated. */
export function zipOf(files: Record<string, string | Buffer>): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content)
    const packed = deflateRawSync(data)
    const sizes = Buffer.alloc(12)
    sizes.writeUInt32LE(crc32(data), 0)
    sizes.writeUInt32LE(packed.length, 4)
    sizes.writeUInt32LE(data.length, 8)
    const path = Buffer.from(name)
    const version = Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0])
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      version,
      sizes,
      uint16(path.length),
      uint16(0),
      path,
    ])
    locals.push(local, packed)
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02'),
        Buffer.from([20, 0]),
        version,
        sizes,
        uint16(path.length),
        Buffer.alloc(12),
        uint32(offset),
        path,
      ]),
    )
    offset += local.length + packed.length
  }
  const entries = Buffer.concat(directory)
  const count = uint16(directory.length)
  const end = [
    Buffer.from('PK\x05\x06'),
    uint32(0),
    count,
    count,
    uint32(entries.length),
    uint32(offset),
    uint16(0),
  ]
  return Buffer.concat([...locals, entries, ...end])
}

function uint16(value: number): Buffer {
  return Buffer.from([value & 0xff, value >> 8])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
