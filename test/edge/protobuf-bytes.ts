/** A field with its length, as protobuf writes it. @param tag number << 3 | 2 */
export function tagged(tag: number, bytes: Uint8Array): Buffer<ArrayBuffer> {
  const length: number[] = []
  let rest = bytes.length
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.from([tag, ...length]), bytes])
}
