import {
  changeDeadLettersResponseSchema,
  deadLetterExample,
  getDeadLetterRequestSchema,
  getDeadLetterResponseSchema,
  listDeadLettersRequestSchema,
  listDeadLettersResponseSchema,
  purgeDeadLettersRequestSchema,
  replayDeadLettersRequestSchema,
} from '#schemas/dead-letter.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import { TASK_ID } from './examples.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, MOMENT, query, ref, TOKEN } from './rest-route.ts'

const LETTER = deadLetterExample
const ERROR_CODE = { type: 'string', pattern: '^[A-Z][A-Z0-9_]{1,63}$' }
/** A place in the stream of letters. */
const SEQ_TEXT = { type: 'string', pattern: '^[0-9]{1,16}$' }
const RESULTS = {
  status: 200,
  about: 'What became of each letter.',
  schema: fields({ results: list(ref('DeadLetterResult')), nextCursor: { type: 'string' } }),
}

/**
 * What was given up. On NATS operators ask, about all tenants or one of them; an edge asks for the tenant of whoever asks it, and passes
 * on nothing about others.
 */
export const DEAD_LETTER_OPERATIONS = {
  listDeadLetters: onNats({
    summary: 'Messages that were given up, newest first.',
    subject: 'murmur.dead-letters.list',
    service: ORCHESTRATOR,
    request: message('ListDeadLetters', listDeadLettersRequestSchema, { agent: 'word-count', limit: 50 }),
    response: message('DeadLetters', listDeadLettersResponseSchema, { deadLetters: [LETTER] }),
    scope: 'tasks:read',
    grpc: ['DeadLetterService.ListDeadLetters'],
    rest: [
      {
        method: 'GET',
        path: '/v1/dead-letters',
        tag: 'Tasks',
        summary: 'List steps that were given up, newest first, page by page',
        parameters: [
          query('agent', 'Only steps of this type of agent.', TOKEN),
          query('taskType', 'Only steps of tasks of this type.', TOKEN),
          query('code', 'Only those whose last error has this code.', ERROR_CODE),
          query('createdFrom', 'RFC 3339 or Unix milliseconds.', MOMENT),
          query('createdBefore', 'RFC 3339 or Unix milliseconds.', MOMENT),
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
          query('cursor', 'nextCursor of the last page.', SEQ_TEXT),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ deadLetters: list(ref('DeadLetter')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  getDeadLetter: onNats({
    summary: 'One message that was given up, with what it holds.',
    subject: 'murmur.dead-letters.get',
    service: ORCHESTRATOR,
    request: message('GetDeadLetter', getDeadLetterRequestSchema, { seq: LETTER.seq }),
    response: message('DeadLetter', getDeadLetterResponseSchema, {
      deadLetter: LETTER,
      content: stepMessageExample,
    }),
    scope: 'tasks:read',
    errors: ['DEAD_LETTER_NOT_FOUND'],
    grpc: ['DeadLetterService.GetDeadLetter'],
    rest: [
      {
        method: 'GET',
        path: '/v1/dead-letters/{seq}',
        tag: 'Tasks',
        summary: 'Get a step that was given up, with its last error and its whole input',
        parameters: [
          {
            name: 'seq',
            in: 'path',
            about: 'Its number in the list.',
            schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
            isRequired: true,
          },
        ],
        answers: [
          { status: 200, about: 'The step.', schema: fields({ deadLetter: ref('DeadLetter'), content: {} }) },
        ],
      },
    ],
  }),
  replayDeadLetters: onNats({
    summary:
      'Steps that were given up become tasks of their own, with the input that they had or another one.',
    subject: 'murmur.dead-letters.replay',
    service: ORCHESTRATOR,
    request: message('ReplayDeadLetters', replayDeadLettersRequestSchema, {
      seqs: [LETTER.seq],
      requestId: 'mended-1',
    }),
    response: message('ReplayedDeadLetters', changeDeadLettersResponseSchema, {
      results: [{ seq: LETTER.seq, outcome: 'done', deadLetter: LETTER, taskId: TASK_ID, duplicate: false }],
    }),
    scope: 'tasks:write',
    isChange: true,
    grpc: ['DeadLetterService.ReplayDeadLetters'],
    rest: [
      {
        method: 'POST',
        path: '/v1/dead-letters/replay',
        tag: 'Tasks',
        summary: 'Replay steps that were given up, single or by a filter',
        body: {
          schema: ref('ReplayDeadLetters'),
          example: {
            filter: { agent: 'word-count', code: 'POISON_MESSAGE' },
            dryRun: true,
            requestId: 'mended-1',
          },
        },
        answers: [RESULTS],
      },
    ],
  }),
  purgeDeadLetters: onNats({
    summary: 'Deletes what was given up, for good.',
    subject: 'murmur.dead-letters.purge',
    service: ORCHESTRATOR,
    request: message('PurgeDeadLetters', purgeDeadLettersRequestSchema, {
      filter: { agent: 'word-count' },
      dryRun: true,
    }),
    response: message('PurgedDeadLetters', changeDeadLettersResponseSchema, {
      results: [{ seq: LETTER.seq, outcome: 'planned', deadLetter: LETTER }],
    }),
    scope: 'tasks:write',
    isChange: true,
    grpc: ['DeadLetterService.PurgeDeadLetters'],
    rest: [
      {
        method: 'POST',
        path: '/v1/dead-letters/purge',
        tag: 'Tasks',
        summary: 'Delete steps that were given up, single or by a filter',
        body: {
          schema: ref('PurgeDeadLetters'),
          example: { filter: { agent: 'word-count' }, dryRun: true },
        },
        answers: [RESULTS],
      },
    ],
  }),
} as const
