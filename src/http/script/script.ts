// Values, variables and regular expressions as the http block has them: taken of a request.
import type { Regex } from '../../script/regex.ts';
import type { Value } from '../../script/value.ts';
import type { Variable, VariableSpec, Variables } from '../../script/variables.ts';
import type { HttpRequest } from '../request/request.ts';

export type HttpValue = Value<HttpRequest>;
export type HttpVariable = Variable<HttpRequest>;
export type HttpVariables = Variables<HttpRequest>;
export type HttpVariableSpec = VariableSpec<HttpRequest>;
export type HttpRegex = Regex<HttpRequest>;
