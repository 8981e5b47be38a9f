// A resource of a CloudFormation template. Values stand as JSON, which YAML takes as it is.

type Property = readonly [name: string, value: unknown]

/** What is taken out of the template stays in the account. */
export const retained = (name: string, type: string, properties: readonly Property[]): string[] => [
  `  ${label(name)}:`,
  `    Type: ${type}`,
  '    DeletionPolicy: Retain',
  '    UpdateReplacePolicy: Retain',
  '    Properties:',
  ...properties.map(([property, value]) => `      ${property}: ${JSON.stringify(value)}`),
]

/** Letters and digits only. */
export const label = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
