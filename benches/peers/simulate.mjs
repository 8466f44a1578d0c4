// Answers the questions of a cases file with iam-simulate, one JSON object a line, as `ecr-grant can --cases` does.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const everything = [{ name: 'all', policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } }]

for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  if (line.trim() === '') continue
  const asked = JSON.parse(line)
  let result
  try {
    const isService = asked.principal.endsWith('.amazonaws.com')
    const answer = await runSimulation({
      request: {
        principal: asked.principal === 'anonymous' ? anonymousPrincipal : asked.principal,
        action: asked.action,
        resource: { resource: asked.resource, accountId: asked.resource.split(':')[4] },
        contextVariables: asked.context ?? {},
      },
      identityPolicies: asked.identity === 'none' || isService || asked.principal === 'anonymous' ? [] : everything,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: typeof asked.policy === 'string' ? JSON.parse(asked.policy) : asked.policy,
    }, {})
    result = answer.overallResult ?? answer.resultType
  } catch (error) {
    result = `error: ${error.message}`
  }
  console.log(JSON.stringify({ id: asked.id, result }))
}
