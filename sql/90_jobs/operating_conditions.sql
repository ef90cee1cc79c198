-- The six conditions of C-MAPSS, each a box around its centre; FD001 and FD003 fly the first one only. What
-- somebody has changed stays.
insert into public.operating_conditions (
  condition, name, altitude_min, altitude_max, mach_number_min, mach_number_max, tra_min, tra_max
)
values
  (1, 'sea level', -1, 2, -0.01, 0.3, 95, 105),
  (2, '10,000 ft, Mach 0.25', 8, 12, 0.15, 0.35, 95, 105),
  (3, '20,000 ft, Mach 0.70', 18, 22, 0.6, 0.8, 95, 105),
  (4, '25,000 ft, Mach 0.62, 60 % throttle', 23, 27, 0.52, 0.72, 55, 65),
  (5, '35,000 ft, Mach 0.84', 33, 37, 0.74, 0.94, 95, 105),
  (6, '42,000 ft, Mach 0.84', 40, 44, 0.74, 0.94, 95, 105)
on conflict do nothing;
