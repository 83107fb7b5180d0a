import type { HttpConfig } from '#platform/config/http.ts'
import type { SecretGrant } from '#platform/secrets/secret-grants.ts'
import {
  type ApiCallRequestInput,
  type ApiCallResponse,
  apiCallRequestSchema,
  apiCallResponseSchema,
} from '#schemas/api-call.ts'
import type { AgentContext, Outcome } from '#sdk/index.ts'
import { createTestContext, type TestContext } from '#sdk/testing.ts'
import { type ApiCallerConfig, createApiCallerAgent } from '../../../services/agents/api-caller/agent.ts'

export interface TestCaller {
  call(request: ApiCallRequestInput, context?: Partial<AgentContext>): Promise<Outcome<ApiCallResponse>>
  /** Of all calls so far. */
  contexts: TestContext[]
}

type Grant = Pick<SecretGrant, 'name' | 'origin'> & Partial<SecretGrant>

/** The agent as the runner calls it: input and output go through their schemas. Local servers may be called. */
export function openCaller(
  t: { teardown(end: () => unknown): void },
  config: ApiCallerConfig & {
    secrets?: Partial<Omit<HttpConfig['secrets'], 'grants'>> & { grants?: readonly Grant[] }
  } = {},
): TestCaller {
  const { grants = [], folder, values = new Map() } = config.secrets ?? {}
  // For everybody and everywhere below the origin unless a test says otherwise.
  const secrets = {
    folder,
    values,
    grants: grants.map((grant) => ({ tenants: ['*'], pathPrefix: '/', ...grant })),
  }
  const agent = createApiCallerAgent({
    http: { allow: ['127.0.0.0/8'], ports: 'any', secrets },
    random: () => 0,
    ...config,
  })
  t.teardown(() => agent.stop?.())
  const contexts: TestContext[] = []
  return {
    contexts,
    async call(request, overrides) {
      const context = createTestContext(overrides)
      contexts.push(context)
      const outcome = await agent.handle(apiCallRequestSchema.parse(request), context)
      if (outcome.kind === 'done') apiCallResponseSchema.parse(outcome.output)
      return outcome
    },
  }
}
