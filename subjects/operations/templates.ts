import {
  deleteTemplateRequestSchema,
  deleteTemplateResponseSchema,
  getTemplateRequestSchema,
  getTemplateResponseSchema,
  listTemplatesRequestSchema,
  listTemplatesResponseSchema,
  planTemplateExample,
  putTemplateRequestSchema,
  putTemplateResponseSchema,
  templateSummaryExample,
} from '#schemas/plan-template.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, named, query, ref, TOKEN } from './rest-route.ts'

const { version, createdAtMs, ...CONTENT } = planTemplateExample
const VERSION_INFO = { version, createdAtMs, description: planTemplateExample.description }
const NAME = named('name', 'Its name.')
const VERSION = { type: 'integer', minimum: 1, maximum: 999_999 }

/** Plans that are kept under a name, in versions, for tasks to be made of. */
export const TEMPLATE_OPERATIONS = {
  putTemplate: onNats({
    summary: 'Writes the next version of a plan template; what says the same as the newest makes none.',
    subject: 'murmur.templates.put',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('PutTemplate', putTemplateRequestSchema, CONTENT),
    response: message('TemplatePut', putTemplateResponseSchema, {
      template: planTemplateExample,
      created: true,
    }),
    scope: 'tasks:write',
    isChange: true,
    errors: [
      'PLAN_CYCLE',
      'PLAN_TOO_LARGE',
      'PLAN_BAD_REFERENCE',
      'TEMPLATE_CONFLICT',
      'LIMIT_EXCEEDED',
      'OVERLOADED',
    ],
    grpc: ['TemplateService.PutTemplate'],
    rest: [
      {
        method: 'POST',
        path: '/v1/templates',
        tag: 'Plans',
        summary: 'Write the next version of a plan template',
        body: {
          schema: ref('PutTemplate'),
          example: CONTENT,
        },
        answers: [
          {
            status: 200,
            about: 'The version; `created` is false when the newest says the same already.',
            schema: fields({ template: ref('PlanTemplate'), created: { type: 'boolean' } }),
          },
        ],
      },
    ],
  }),
  listTemplates: onNats({
    summary: 'Plan templates by name, the newest version of each.',
    subject: 'murmur.templates.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ListTemplates', listTemplatesRequestSchema, { limit: 50 }),
    response: message('Templates', listTemplatesResponseSchema, { templates: [templateSummaryExample] }),
    scope: 'tasks:read',
    grpc: ['TemplateService.ListTemplates'],
    rest: [
      {
        method: 'GET',
        path: '/v1/templates',
        tag: 'Plans',
        summary: 'List plan templates by name, page by page',
        parameters: [
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
          query('cursor', 'nextCursor of the last page.', TOKEN),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ templates: list(ref('TemplateSummary')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  getTemplate: onNats({
    summary: 'One version of a plan template, and which versions there are.',
    subject: 'murmur.templates.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('GetTemplate', getTemplateRequestSchema, { name: planTemplateExample.name, version }),
    response: message('Template', getTemplateResponseSchema, {
      template: planTemplateExample,
      versions: [VERSION_INFO],
    }),
    scope: 'tasks:read',
    errors: ['TEMPLATE_NOT_FOUND'],
    grpc: ['TemplateService.GetTemplate'],
    rest: [
      {
        method: 'GET',
        path: '/v1/templates/{name}',
        tag: 'Plans',
        summary: 'Get a version of a plan template',
        parameters: [NAME, query('version', 'The newest, unless given.', VERSION)],
        answers: [
          {
            status: 200,
            about: 'The version, and all that there are.',
            schema: fields({
              template: ref('PlanTemplate'),
              versions: list(
                fields({
                  version: VERSION,
                  description: { type: 'string' },
                  createdAtMs: { type: 'number' },
                }),
              ),
            }),
          },
        ],
      },
    ],
  }),
  deleteTemplate: onNats({
    summary: 'Takes versions of a plan template away: tasks that were made of them go on.',
    subject: 'murmur.templates.delete',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('DeleteTemplate', deleteTemplateRequestSchema, { name: CONTENT.name, version: 1 }),
    response: message('TemplateDeleted', deleteTemplateResponseSchema, { name: CONTENT.name, versions: [1] }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TEMPLATE_NOT_FOUND'],
    grpc: ['TemplateService.DeleteTemplate'],
    rest: [
      {
        method: 'POST',
        path: '/v1/templates/{name}/delete',
        tag: 'Plans',
        summary: 'Delete a version of a plan template, or all of them',
        parameters: [NAME],
        body: { schema: ref('DeleteTemplate'), isOptional: true, example: { version: 1 } },
        answers: [
          {
            status: 200,
            about: 'The versions that are gone.',
            schema: fields({ name: { type: 'string' }, versions: list(VERSION) }),
          },
        ],
      },
    ],
  }),
} as const
