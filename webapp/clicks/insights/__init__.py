"""What recorded answers and clicks say: reads only, for operators."""
