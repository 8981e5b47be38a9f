// Words of HCL.

/** In HCL `${` and `%{` begin a template. */
export const text = (value: string): string => JSON.stringify(value).replace(/([$%])\{/g, '$1$1{')

export const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`

export const label = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_')
