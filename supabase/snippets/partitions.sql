-- Monthly partitions of sensor_data: those that are missing, and how large the others are. Readings of a month without
-- a partition are refused until it is made: select fill_sensor_data_partition_gaps();
select month, partition_name, state, estimated_rows, pg_size_pretty(total_bytes) as size
from sensor_data_partition_report()
order by state = 'present', month desc;
