import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { PlanTemplate, TemplateParameter } from '#schemas/plan-template.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import {
  type TemplateParameter as ProtoParameter,
  type PlanTemplate as ProtoTemplate,
  type PutTemplateRequest,
  TemplateServiceService,
} from './generated/v1/template_service.ts'
import { assertFinite, planJson, present } from './plan-json.ts'
import { planMessage } from './to-proto.ts'

/** TemplateService over the gateway. */
export function templateService(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = TemplateServiceService
  const { templates } = deps.gateway
  return {
    putTemplate: unary(deps, 'putTemplate', is.putTemplate, async (request, { caller, isAbout }) => {
      isAbout(request.name)
      const { template, created } = await templates.put(caller.tenant, putJson(request))
      isAbout(`${template.name}@${template.version}`)
      return { template: templateMessage(template), created }
    }),
    getTemplate: unary(deps, 'getTemplate', is.getTemplate, async (request, { caller }) => {
      const { template, versions } = await templates.get(caller.tenant, present(request))
      return { template: templateMessage(template), versions }
    }),
    listTemplates: unary(deps, 'listTemplates', is.listTemplates, (request, { caller }) =>
      templates.list(caller.tenant, present(request)),
    ),
    deleteTemplate: unary(deps, 'deleteTemplate', is.deleteTemplate, (request, { caller, isAbout }) => {
      isAbout(request.name)
      return templates.delete(caller.tenant, present(request))
    }),
  }
}

function putJson({ parameters = {}, plan, ...rest }: PutTemplateRequest): JsonObject {
  return present({
    ...rest,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, parameterJson(name, parameter)]),
    ),
    plan: plan && planJson(plan),
  })
}

function parameterJson(
  name: string,
  { enum: choices = [], default: preset, ...rest }: ProtoParameter,
): JsonValue {
  assertFinite([choices, preset], `parameters.${name}`)
  return present({
    ...rest,
    default: preset,
    // A list can't be unset: an empty one is none.
    enum: choices.length > 0 ? choices : undefined,
  })
}

function templateMessage({ plan, parameters, ...same }: PlanTemplate): ProtoTemplate {
  return {
    ...same,
    plan: planMessage(plan),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, parameterMessage(parameter)]),
    ),
  }
}

function parameterMessage({ enum: choices = [], ...same }: TemplateParameter): ProtoParameter {
  return { ...same, enum: [...choices] }
}
