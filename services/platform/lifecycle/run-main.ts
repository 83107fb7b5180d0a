import { type Clock, systemClock } from '../clock/clock.ts'
import { loadServiceConfig, type ServiceConfig } from '../config/service-config.ts'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import { createLogger, type Log } from '../telemetry/logger.ts'
import { Lifecycle } from './lifecycle.ts'
import { watchParent } from './parent-watch.ts'

/** What a process main is given to build its service from. */
export interface MainContext {
  readonly config: ServiceConfig
  readonly log: Log
  readonly clock: Clock
  /** Components added here are started once `build` has returned, and stopped at the end. */
  readonly lifecycle: Lifecycle
  /** Ends the process in order, as a signal would: for a component that cannot go on. */
  stop(why: string): void
}

/** Facts worth telling once everything is up: the port that was bound, the partitions held. */
export type Announcement = () => Record<string, string | number | boolean>

/** What a supervisor hears over the IPC channel, where there is one. */
export interface ReadyMessage {
  kind: 'ready'
  service: string
  instance: string
  facts: Record<string, string | number | boolean>
}

/** Conventional: 128 + the number of SIGINT. */
const EXIT_FORCED = 130

/**
 * The main of a service process, from configuration to exit code.
 *
 * SIGTERM, SIGINT (not under a supervisor) or the end of the parent stop it within the grace period: exit code 0, or 1
 * when a part failed to stop. A second signal exits at once with 130. A fault that nobody caught, a failed start and
 * an invalid configuration exit with 1.
 */
export async function runMain(
  service: string,
  build: (context: MainContext) => Promise<Announcement | undefined> | Announcement | undefined,
): Promise<void> {
  const config = loadConfigOrExit()
  const log = createLogger(service, config)
  const lifecycle = new Lifecycle({ log, clock: systemClock, graceMs: config.stopGraceMs })
  exitOnUncaughtFaults(log)
  const stopOnce = createStopOnce(lifecycle, log)
  stopOnSignals(stopOnce, { log, supervised: config.parentPid !== undefined || process.channel != null })
  watchParent(config.parentPid, stopOnce)
  try {
    const announce = await build({ config, log, clock: systemClock, lifecycle, stop: stopOnce })
    await lifecycle.start()
    announceReady({ kind: 'ready', service, instance: config.instance, facts: announce?.() ?? {} }, log)
  } catch (error) {
    if (stopOnce.isStopping()) return
    log.fatal({ err: error }, 'could not start')
    process.exit(1)
  }
}

function loadConfigOrExit(): ServiceConfig {
  try {
    return loadServiceConfig()
  } catch (error) {
    // There is no log yet: how to log is part of what could not be read.
    const lines =
      error instanceof MurmurError
        ? (error.issues ?? []).map((issue) => `  ${issue.path} ${issue.message}`)
        : []
    process.stderr.write(
      lines.length > 0 ? `The configuration is not valid:\n${lines.join('\n')}\n` : `${messageOf(error)}\n`,
    )
    process.exit(1)
  }
}

type StopOnce = ((why: string) => void) & { isStopping(): boolean }

function createStopOnce(lifecycle: Lifecycle, log: Log): StopOnce {
  let stopping = false
  const stop = (why: string) => {
    if (stopping) return
    stopping = true
    log.info({ why }, 'stopping')
    void lifecycle.stop().then((faults) => {
      log.info({ faults: faults.length }, 'stopped')
      process.exit(faults.length === 0 ? 0 : 1)
    })
  }
  return Object.assign(stop, { isStopping: () => stopping })
}

function stopOnSignals(stopOnce: StopOnce, { log, supervised }: { log: Log; supervised: boolean }): void {
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopOnce.isStopping()) {
      log.warn({ signal }, 'told to stop twice: leaving at once')
      process.exit(EXIT_FORCED)
    }
    stopOnce(signal)
  }
  process.on('SIGTERM', onSignal)
  // Ctrl-C reaches every process of the terminal at once. Under a supervisor only its SIGTERM counts: the two together
  // would look like an impatient second request.
  process.on('SIGINT', supervised ? () => log.debug({}, 'SIGINT is left to the supervisor') : onSignal)
}

/** State that a fault left half-changed is not to be trusted: others take over what this process had. */
function exitOnUncaughtFaults(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception')
    process.exit(1)
  })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection')
    process.exit(1)
  })
}

function announceReady(message: ReadyMessage, log: Log): void {
  log.info(message.facts, 'ready')
  process.send?.(message)
}
