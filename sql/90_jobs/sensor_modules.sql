-- What each sensor measures is table 2 of Saxena, Goebel, Simon & Eklund, "Damage propagation modeling for aircraft engine
-- run-to-failure simulation" (PHM 2008). The module is the one the measured gas has just passed, or that the shaft, bleed
-- or fuel belongs to; both ends of the core shaft turn at its speed. What somebody has changed stays.
insert into public.sensor_modules (column_name, module, measures)
values
  ('s2', 'LPC', 'total temperature at LPC outlet'),
  ('s3', 'HPC', 'total temperature at HPC outlet'),
  ('s4', 'LPT', 'total temperature at LPT outlet'),
  ('s7', 'HPC', 'total pressure at HPC outlet'),
  ('s8', 'fan', 'physical fan speed'),
  ('s9', 'HPC', 'physical core speed'),
  ('s9', 'HPT', 'physical core speed'),
  ('s11', 'HPC', 'static pressure at HPC outlet'),
  ('s12', 'combustor', 'ratio of fuel flow to static pressure at HPC outlet'),
  ('s13', 'fan', 'corrected fan speed'),
  ('s14', 'HPC', 'corrected core speed'),
  ('s14', 'HPT', 'corrected core speed'),
  ('s15', 'bypass', 'bypass ratio'),
  ('s17', 'HPC', 'bleed enthalpy'),
  ('s20', 'HPT', 'HPT coolant bleed'),
  ('s21', 'LPT', 'LPT coolant bleed')
on conflict do nothing;
