// Cameras of the HTTP talk that misbehave. A file of its own: mocha plays it beside the other.
import { playsAsTheTableSays } from './suite.js';

playsAsTheTableSays('tapo');
