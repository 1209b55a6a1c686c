DROP TABLE flow_steps_done;
DROP TABLE flow_runs;
DROP TABLE flow_versions;
DROP TABLE flows;
