// @ts-check
// The parts of an OpenAPI document that the page reads, for the type check only: nothing here runs.

/**
 * @typedef {object} Schema
 * @property {string} [$ref]
 * @property {string | string[]} [type]
 * @property {string} [format]
 * @property {string} [description]
 * @property {unknown[]} [enum]
 * @property {unknown} [example]
 * @property {unknown[]} [examples]
 * @property {unknown} [default]
 * @property {Schema} [items]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema[]} [oneOf]
 * @property {Schema[]} [anyOf]
 * @property {Schema[]} [allOf]
 */
/**
 * @typedef {{name: string, in: 'path' | 'query' | 'header' | 'cookie', required?: boolean, description?:
 *   string, schema?: Schema, example?: unknown, $ref?: string}} Parameter
 */
/** @typedef {{schema?: Schema, example?: unknown, examples?: Record<string, {value?: unknown}>}} Content */
/**
 * @typedef {{description?: string, required?: boolean, content?: Record<string, Content>, $ref?: string}}
 *   Body
 */
/**
 * @typedef {object} Operation
 * @property {string} [summary]
 * @property {string} [description]
 * @property {string[]} [tags]
 * @property {Parameter[]} [parameters]
 * @property {Body} [requestBody]
 * @property {Record<string, Body>} [responses]
 */
/**
 * @typedef {object} Api
 * @property {{title?: string, version?: string, description?: string}} [info]
 * @property {{name: string, description?: string}[]} [tags]
 * @property {Record<string, Record<string, Operation> & {parameters?: Parameter[]}>} [paths]
 */
/**
 * One call of the API: a method at a path.
 * @typedef {{id: string, method: string, path: string, tag: string, it: Operation, parameters:
 *   Parameter[]}} Call
 */
export {}
