"""The second engine: the same dbt project on Sail or Spark, from the same landed rows, back into the lake."""
