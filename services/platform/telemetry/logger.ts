import pino, { type Logger } from 'pino'
import type { LogLevel } from '../config/service-config.ts'
import { activeTraceparent } from './active-trace.ts'
import { redact, redactText } from './redact.ts'

/** What code may do with a log: fields first, then a constant sentence, so that lines can be searched for. */
export interface Log {
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  /** Whether lines at `debug` are written: on a path that every task takes, fields are put together only where they are. */
  readonly debugs: boolean
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  fatal(fields: object, message: string): void
  /** A log that adds these fields to each line. */
  child(fields: object): Log
}

export interface LoggerConfig {
  logLevel: LogLevel
  instance: string
}

/** Where lines go; the process's standard error unless a test listens. */
export interface LogSink {
  write(line: string): void
}

/**
 * JSON lines on standard error. Written synchronously: the last words of a process that dies must not be lost,
 * and nothing on a hot path logs.
 */
export function createLogger(service: string, config: LoggerConfig, sink?: LogSink): Log {
  const logger = pino(
    {
      level: config.logLevel,
      base: { service, instance: config.instance },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      // Errors are made plain by `redact`, which keeps causes and codes.
      serializers: { err: (value: unknown) => value },
      // Of what is worked for just now; a line about a task that says its trace itself has that.
      mixin: () => traceFields(activeTraceparent()),
      mixinMergeStrategy: (line, trace) => ({ ...trace, ...line }),
      formatters: {
        level: (label) => ({ level: label }),
        log: redact,
      },
      hooks: {
        logMethod(args, method) {
          const [fields, message] = args
          method.apply(this, [fields, typeof message === 'string' ? redactText(message) : message])
        },
      },
    },
    sink ?? pino.destination({ fd: 2, sync: true }),
  )
  return narrow(logger)
}

/** `trace_id` and `span_id` for a line about what belongs to a trace; nothing where there is none. */
export function traceFields(traceparent: string | undefined): { trace_id?: string; span_id?: string } {
  if (traceparent === undefined) return {}
  return { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) }
}

/** The port over pino. Its children take their fields as they are, so those are redacted here. */
function narrow(logger: Logger): Log {
  return {
    trace: (fields, message) => logger.trace(fields, message),
    debug: (fields, message) => logger.debug(fields, message),
    debugs: logger.isLevelEnabled('debug'),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    fatal: (fields, message) => logger.fatal(fields, message),
    child: (fields) => narrow(logger.child(redact(fields))),
  }
}

/** A log that says nothing, for tests and for one-shot commands. */
export const silentLog: Log = {
  trace: ignore,
  debug: ignore,
  debugs: false,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silentLog,
}

function ignore(): void {}
