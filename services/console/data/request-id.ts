/** An id that makes a repeated request the same request. Pages without TLS have no `randomUUID`. */
export function newRequestId(): string {
  const words = crypto.getRandomValues(new Uint32Array(4))
  return `console-${Array.from(words, (word) => word.toString(36)).join('')}`
}
