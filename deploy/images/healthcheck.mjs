// Whether the service in this container is ready, for HEALTHCHECK: an image has no curl. Exit code 0 or 1; what is wrong goes to stdout,
// where the engine keeps it.

const port = process.env.MURMUR_HTTP_PORT ?? '9090'
const TIMEOUT_MS = 4000

try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  process.stdout.write((await answer.text()).slice(0, 4000))
  process.exitCode = answer.ok ? 0 : 1
} catch (error) {
  process.stdout.write(`${error.cause?.message ?? error.message}\n`)
  process.exitCode = 1
}
