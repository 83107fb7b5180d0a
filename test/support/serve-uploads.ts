import type { Bus } from '../../services/platform/nats/bus.ts'

const EXPIRES_AFTER_MS = 86_400_000

/** Answers for an orchestrator that has room for every upload. @returns a function that ends it */
export function serveUploads(bus: Bus): () => void {
  const ends = [
    bus.serve('reserveUpload', () => ({ ok: true as const })),
    bus.serve('keepUpload', () => ({ expiresAtMs: Date.now() + EXPIRES_AFTER_MS })),
    bus.serve('releaseUpload', () => ({ ok: true as const })),
  ]
  return () => {
    for (const end of ends) end()
  }
}
